"""What people look at: functions from datasets to figures, and to pages made of these."""
