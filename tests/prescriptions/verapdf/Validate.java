import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates PDFs against every standard asked for, in one process.
 * usage: Validate STANDARD[,STANDARD] FILE.pdf...   One line for each rule that is broken, and one for each verdict.
 */
public class Validate {
  public static void main(String[] arguments) throws Exception {
    java.util.logging.LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    for (String standard : arguments[0].split(","))
      for (int i = 1; i < arguments.length; i++) validate(PDFAFlavour.fromString(standard), new File(arguments[i]));
  }

  private static void validate(PDFAFlavour standard, File file) throws Exception {
    try (PDFAParser parser = Foundries.defaultInstance().createParser(file, standard)) {
      PDFAValidator validator = Foundries.defaultInstance().createValidator(standard, false);
      ValidationResult result = validator.validate(parser);
      Map<String, String> broken = new TreeMap<>();
      for (TestAssertion one : result.getTestAssertions())
        if (one.getStatus() == TestAssertion.Status.FAILED)
          broken.putIfAbsent(one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber(),
              one.getMessage() + " @ " + one.getLocation().getContext());
      String place = standard.getId() + "\t" + file.getName() + "\t";
      for (Map.Entry<String, String> rule : broken.entrySet())
        System.out.println("broken\t" + place + rule.getKey() + " " + rule.getValue().replaceAll("\\s+", " "));
      System.out.println((result.isCompliant() ? "passed\t" : "failed\t") + place + result.getTotalAssertions());
    }
  }
}
