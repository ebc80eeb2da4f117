// Passkeys: ask the service what to have signed, let the browser and the person do it, send the form with what came of it.
// The buttons appear only where the browser knows passkeys; another second factor needs no script.

const FAILURES = {
  NotAllowedError: "Nothing was done: it was cancelled, or it took too long. Try again when you are ready.",
  InvalidStateError: "This device or key is among your passkeys already.",
  SecurityError: "Passkeys work only at the address that your clinic gave you for Holdwell.",
  NotSupportedError: "This device can't make such a passkey. Take another device, a key, or an authenticator app.",
};
const OTHERWISE = "That did not work. Try again, or take another second factor.";

const octets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const descriptors = (list = []) => list.map((one) => ({ ...one, id: octets(one.id) }));

const CEREMONIES = {
  create: async (options) => navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: octets(options.challenge),
      user: { ...options.user, id: octets(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    },
  }),
  get: async (options) => navigator.credentials.get({
    publicKey: { ...options, challenge: octets(options.challenge), allowCredentials: descriptors(options.allowCredentials) },
  }),
};

function answerOf({ id, rawId, type, response }) {
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return JSON.stringify({ id, rawId: text(rawId), type, response: Object.fromEntries(given) });
}

async function optionsFor(form) {
  const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value };
  const answer = await fetch(form.dataset.options, { method: "POST", headers });
  if (answer.redirected || answer.status === 403) location.reload(); // the page itself leads to the sign-in, or to a proof
  if (!answer.ok || answer.redirected) throw new Error(OTHERWISE);
  return answer.json();
}

async function perform(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const button = form.querySelector("[type=submit]");
  const says = form.querySelector("[role=alert]");
  says.textContent = "";
  button.disabled = true;
  try {
    const credential = await CEREMONIES[form.dataset.passkey](await optionsFor(form));
    form.elements.credential.value = answerOf(credential);
    form.submit();
  } catch (error) {
    says.textContent = FAILURES[error.name] ?? OTHERWISE;
    button.disabled = false;
    button.focus();
  }
}

if ("PublicKeyCredential" in window) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", perform);
  }
  for (const one of document.querySelectorAll("[data-without-passkeys]")) one.hidden = true;
}
