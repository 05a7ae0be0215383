"""What all pages share: templates, languages, times in words, errors and protective headers."""
