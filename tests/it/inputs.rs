//! What strangers send: the corpus of each reader, and ten thousand inputs made from it.

use std::path::Path;

use support::inputs::TARGETS;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

/// Pieces that readers stumble over.
const PIECES: [&[u8]; 20] = [
    b"%00",
    b"%",
    b"%2",
    b"\0",
    b"//",
    b"@",
    b"#",
    b"?",
    b"&",
    b"=",
    b"..",
    b"\\",
    b"\r\n",
    b"\xff",
    b"\xf0\x9f\x98\x80",
    b"[::1]",
    b":",
    b";",
    b"-",
    b"=\"",
];

/// Changes an input in one place.
fn change(input: &mut Vec<u8>, other: &[u8], numbers: &mut Numbers) {
    let at = numbers.below(input.len() + 1);
    match numbers.below(6) {
        0 => drop(input.splice(at..at, PIECES[numbers.below(PIECES.len())].iter().copied())),
        1 if at < input.len() => drop(input.remove(at)),
        2 if at < input.len() => input[at] ^= 1 << numbers.below(8),
        3 => input.truncate(at),
        4 => {
            let from = numbers.below(other.len() + 1);
            input.splice(at..at, other[from..].iter().copied());
        }
        _ => {
            let piece: Vec<u8> = input[..at].to_vec();
            input.extend(piece);
        }
    }
    input.truncate(8192);
}

#[test]
fn no_input_makes_a_reader_panic() {
    for (name, target) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        let corpus: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).unwrap()).collect();
        assert!(corpus.len() >= 3, "{name} has hardly a corpus");
        for input in &corpus {
            target(input);
        }
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut input = Vec::new();
        for round in 0..10_000 {
            if round % 8 == 0 {
                input.clone_from(&corpus[numbers.below(corpus.len())]);
            }
            change(&mut input, &corpus[numbers.below(corpus.len())], &mut numbers);
            target(&input);
        }
    }
}
