"""What every HTML page stands on: policy, language, being kept, parts of other apps, errors."""
