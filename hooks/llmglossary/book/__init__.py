"""The glossary as a book to take along: one content model, and a writer for each format."""
