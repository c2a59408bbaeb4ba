"""What people read: texts of issues and comments, and how they are told apart. Pure."""
