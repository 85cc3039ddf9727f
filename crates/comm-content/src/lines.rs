//! Lines of plain text, written word by word: breaks, blanks and indentation wait for the next word.

use std::mem;

/// Levels of indentation that are written; deeper lists stay at this one.
const INDENTS_MAX: usize = 10;

#[derive(Default)]
pub(crate) struct Lines {
    out: String,
    /// Line feeds to be written before the next word.
    breaks: usize,
    /// A blank to be written before the next word.
    space: bool,
    /// A column separator to be written before the next word, if it stands on the same line.
    separator: bool,
    /// What is written directly before the next word.
    opening: String,
    indents: Vec<Indent>,
}

/// What stands before the lines of a list item or a quotation: before the first, and before the others.
struct Indent {
    first: Option<String>,
    others: &'static str,
}

impl Lines {
    pub(crate) fn finish(self) -> String {
        self.out.trim_end().to_owned()
    }

    /// Bytes written so far.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// What was written behind that many bytes.
    pub(crate) fn since(&self, start: usize) -> &str {
        self.out.get(start..).unwrap_or_default()
    }

    /// Text in which white space only parts words.
    pub(crate) fn text(&mut self, text: &str) {
        self.space |= text.starts_with(char::is_whitespace);
        for word in text.split_whitespace() {
            self.word(word);
            self.space = true;
        }
        if text.ends_with(|c: char| !c.is_whitespace()) {
            self.space = false;
        }
    }

    /// Text whose line feeds and blanks count.
    pub(crate) fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            self.breaks += usize::from(index > 0);
            if !line.trim().is_empty() {
                self.space = false;
                self.word(line);
            }
        }
    }

    /// A line feed, and a blank line at most.
    pub(crate) fn line_break(&mut self) {
        self.breaks = (self.breaks + 1).min(2);
        self.space = false;
    }

    /// At least this many line feeds before what follows.
    pub(crate) fn block(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.space = false;
    }

    pub(crate) fn word(&mut self, word: &str) {
        let same_line = self.breaks == 0 && !self.out.is_empty();
        let separator = mem::take(&mut self.separator);
        let space = mem::take(&mut self.space);
        match (same_line, separator, space) {
            (false, ..) => self.begin_line(),
            (true, true, _) => self.out.push_str(" | "),
            (true, false, true) => self.out.push(' '),
            (true, false, false) => {}
        }
        self.out.push_str(&mem::take(&mut self.opening));
        self.out.push_str(word);
    }

    /// A word that goes behind the last one, whatever breaks wait.
    pub(crate) fn append(&mut self, word: &str) {
        let breaks = mem::take(&mut self.breaks);
        let space = mem::replace(&mut self.space, true);
        self.word(word);
        self.breaks = breaks;
        self.space = space;
    }

    /// A separator if both this cell and one before it on the same line have words.
    pub(crate) fn cell(&mut self) {
        self.separator = true;
        self.space = false;
    }

    /// A separator in any case, on the line that the row has begun if any of its cells has words.
    pub(crate) fn column(&mut self, row_start: usize) {
        if self.len() > row_start {
            self.breaks = 0;
        }
        self.space = true;
        self.word("|");
        self.space = true;
    }

    pub(crate) fn forget_cell(&mut self) {
        self.separator = false;
    }

    /// A mark that opens before the next word.
    pub(crate) fn open_mark(&mut self, mark: &str) {
        self.opening.push_str(mark);
    }

    /// Its counterpart directly behind the last word; both are left out around nothing.
    pub(crate) fn close_mark(&mut self, opening: &str, closing: &str) {
        match self.opening.strip_suffix(opening) {
            Some(before) => self.opening.truncate(before.len()),
            None => self.out.push_str(closing),
        }
    }

    pub(crate) fn indent(&mut self, first: &str, others: &'static str) {
        self.indents.push(Indent {
            first: Some(first.to_owned()),
            others,
        });
    }

    pub(crate) fn outdent(&mut self) {
        self.indents.pop();
    }

    fn begin_line(&mut self) {
        let breaks = mem::take(&mut self.breaks);
        if !self.out.is_empty() {
            self.out.extend(std::iter::repeat_n('\n', breaks));
        }
        for (level, indent) in self.indents.iter_mut().enumerate() {
            match indent.first.take() {
                Some(first) => self.out.push_str(&first),
                None if level < INDENTS_MAX => self.out.push_str(indent.others),
                None => {}
            }
        }
    }
}
