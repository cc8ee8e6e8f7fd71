//! Making a text fit: blocks that can say the same with less, and which of them have to.

/// A part of a text in several degrees of detail, the fullest first.
#[derive(Debug)]
pub(super) struct Block {
    /// Which blocks give way first: those with the lowest number.
    pub(super) rank: u8,
    /// What the block is called where it is said that something was left out.
    pub(super) name: String,
    /// From everything to nearly nothing.
    pub(super) levels: Vec<Level>,
}

/// One degree of detail.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) text: String,
    /// What is left out, in a word or two; empty for the fullest.
    pub(super) without: &'static str,
}

impl Block {
    /// A block that has one degree only.
    pub(super) fn fixed(text: String) -> Self {
        Self { rank: u8::MAX, name: String::new(), levels: vec![Level { text, without: "" }] }
    }
}

/// Says what was left out: pairs of a block's name and what it is without.
pub(super) type LeftOut<'a> = &'a dyn Fn(&[(&str, &str)]) -> String;

/// The blocks' texts within `most` bytes together, `left_out` included, which says what was left out and where to read
/// it. Nothing when even the least is too much.
///
/// The blocks with the lowest rank give way first, degree by degree: none loses its second before all have lost their
/// first. Of those the longest goes first, so that a short one keeps its detail beside a long one.
pub(super) fn fit(blocks: &[Block], most: usize, left_out: LeftOut<'_>) -> Option<String> {
    let mut chosen = vec![0; blocks.len()];
    loop {
        let notes: Vec<(&str, &str)> = blocks
            .iter()
            .zip(&chosen)
            .filter(|(_, level)| **level > 0)
            .map(|(block, level)| (block.name.as_str(), block.levels[*level].without))
            .collect();
        let note = if notes.is_empty() { String::new() } else { left_out(&notes) };
        let size: usize = blocks.iter().zip(&chosen).map(|(block, level)| block.levels[*level].text.len()).sum();
        if size + note.len() <= most {
            let texts = blocks.iter().zip(&chosen).map(|(block, level)| block.levels[*level].text.as_str());
            return Some(texts.chain([note.as_str()]).collect());
        }
        let next =
            blocks.iter().enumerate().filter(|(index, block)| chosen[*index] + 1 < block.levels.len()).min_by_key(
                |(index, block)| {
                    let level = chosen[*index];
                    let saved = block.levels[level].text.len().saturating_sub(block.levels[level + 1].text.len());
                    (block.rank, level, std::cmp::Reverse(saved), *index)
                },
            );
        chosen[next?.0] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(rank: u8, name: &str, levels: &[(&str, &'static str)]) -> Block {
        let levels = levels.iter().map(|(text, without)| Level { text: (*text).to_owned(), without }).collect();
        Block { rank, name: name.to_owned(), levels }
    }

    #[test]
    fn the_lowest_rank_gives_way_first_and_the_longest_of_it() {
        let blocks = [
            block(1, "dangers", &[("dddddddddd", ""), ("d", "reasons")]),
            block(0, "A", &[("aaaaaaaaaa", ""), ("aaaaa", "values"), ("a", "paths")]),
            block(0, "B", &[("bbb", ""), ("b", "values")]),
        ];
        let note = |notes: &[(&str, &str)]| format!("[{}]", notes.iter().map(|(name, _)| *name).collect::<String>());
        assert_eq!(fit(&blocks, 23, &note).unwrap(), "ddddddddddaaaaaaaaaabbb");
        assert_eq!(fit(&blocks, 22, &note).unwrap(), "ddddddddddaaaaabbb[A]");
        assert_eq!(fit(&blocks, 20, &note).unwrap(), "ddddddddddaaaaab[AB]");
        assert_eq!(fit(&blocks, 17, &note).unwrap(), "ddddddddddab[AB]");
        assert_eq!(fit(&blocks, 15, &note).unwrap(), "dab[dangersAB]");
        assert_eq!(fit(&blocks, 8, &note), None);
    }
}
