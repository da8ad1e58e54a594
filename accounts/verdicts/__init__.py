"""What a login came to, and why: the verdict, the rules that find it, its words."""
