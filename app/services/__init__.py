"""What can be done in a clinic, by whom and when. No request and no clock is read here; each act is one transaction."""
