//! Mail bodies: markdown, sanitising, text from HTML, the legal footer.
