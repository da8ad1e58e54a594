"""What is done outside a request: tasks in the database, tried again, taken back, started by the clock."""
