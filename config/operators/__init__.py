"""What the operators' pages of every app share: asking for a reason, and keeping who did what and why."""
