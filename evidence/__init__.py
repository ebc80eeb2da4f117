"""What the tests prove, written down for whoever examines the project: ``python -m evidence`` writes the pages."""
