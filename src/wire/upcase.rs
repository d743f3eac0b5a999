//! Upper-casing of names as in Windows: one UTF-16 code unit to one, independent of the locale.
//!
//! Full Unicode mapping is wrong here: it maps `ß` to `SS` and, in Turkish, `i` to `İ`, and authentication fails.
//! Letters map only if upper and lower case form a pair, so `ı`, `ſ` and `µ` are unchanged.
//! The pairs are those of Unicode 5.0, which Windows has used since Vista (MS-UCODEREF 3.1.5.3).
//! They include all pairs of Samba's table, which covers only the older ones.

/// Lower-case letters outside ASCII: first, last, step between letters, and the difference to the upper case.
#[rustfmt::skip]
const RUNS: &[(u16, u16, u16, i16)] = &[
    (0x00e0, 0x00f6, 1, -32), (0x00f8, 0x00fe, 1, -32), (0x00ff, 0x00ff, 1, 121), (0x0101, 0x012f, 2, -1),
    (0x0133, 0x0137, 2, -1), (0x013a, 0x0148, 2, -1), (0x014b, 0x0177, 2, -1), (0x017a, 0x017e, 2, -1),
    (0x0180, 0x0180, 1, 195), (0x0183, 0x0185, 2, -1), (0x0188, 0x0188, 1, -1), (0x018c, 0x018c, 1, -1),
    (0x0192, 0x0192, 1, -1), (0x0195, 0x0195, 1, 97), (0x0199, 0x0199, 1, -1), (0x019a, 0x019a, 1, 163),
    (0x019e, 0x019e, 1, 130), (0x01a1, 0x01a5, 2, -1), (0x01a8, 0x01a8, 1, -1), (0x01ad, 0x01ad, 1, -1),
    (0x01b0, 0x01b0, 1, -1), (0x01b4, 0x01b6, 2, -1), (0x01b9, 0x01b9, 1, -1), (0x01bd, 0x01bd, 1, -1),
    (0x01bf, 0x01bf, 1, 56), (0x01c6, 0x01c6, 1, -2), (0x01c9, 0x01c9, 1, -2), (0x01cc, 0x01cc, 1, -2),
    (0x01ce, 0x01dc, 2, -1), (0x01dd, 0x01dd, 1, -79), (0x01df, 0x01ef, 2, -1), (0x01f3, 0x01f3, 1, -2),
    (0x01f5, 0x01f5, 1, -1), (0x01f9, 0x021f, 2, -1), (0x0223, 0x0233, 2, -1), (0x023c, 0x023c, 1, -1),
    (0x0242, 0x0242, 1, -1), (0x0247, 0x024f, 2, -1), (0x0253, 0x0253, 1, -210), (0x0254, 0x0254, 1, -206),
    (0x0256, 0x0257, 1, -205), (0x0259, 0x0259, 1, -202), (0x025b, 0x025b, 1, -203), (0x0260, 0x0260, 1, -205),
    (0x0263, 0x0263, 1, -207), (0x0268, 0x0268, 1, -209), (0x0269, 0x0269, 1, -211), (0x026b, 0x026b, 1, 10743),
    (0x026f, 0x026f, 1, -211), (0x0272, 0x0272, 1, -213), (0x0275, 0x0275, 1, -214), (0x027d, 0x027d, 1, 10727),
    (0x0280, 0x0280, 1, -218), (0x0283, 0x0283, 1, -218), (0x0288, 0x0288, 1, -218), (0x0289, 0x0289, 1, -69),
    (0x028a, 0x028b, 1, -217), (0x028c, 0x028c, 1, -71), (0x0292, 0x0292, 1, -219), (0x037b, 0x037d, 1, 130),
    (0x03ac, 0x03ac, 1, -38), (0x03ad, 0x03af, 1, -37), (0x03b1, 0x03c1, 1, -32), (0x03c2, 0x03c2, 1, -31),
    (0x03c3, 0x03cb, 1, -32), (0x03cc, 0x03cc, 1, -64), (0x03cd, 0x03ce, 1, -63), (0x03d9, 0x03ef, 2, -1),
    (0x03f2, 0x03f2, 1, 7), (0x03f8, 0x03f8, 1, -1), (0x03fb, 0x03fb, 1, -1), (0x0430, 0x044f, 1, -32),
    (0x0450, 0x045f, 1, -80), (0x0461, 0x0481, 2, -1), (0x048b, 0x04bf, 2, -1), (0x04c2, 0x04ce, 2, -1),
    (0x04cf, 0x04cf, 1, -15), (0x04d1, 0x0513, 2, -1), (0x0561, 0x0586, 1, -48), (0x1d7d, 0x1d7d, 1, 3814),
    (0x1e01, 0x1e95, 2, -1), (0x1ea1, 0x1ef9, 2, -1), (0x1f00, 0x1f07, 1, 8), (0x1f10, 0x1f15, 1, 8),
    (0x1f20, 0x1f27, 1, 8), (0x1f30, 0x1f37, 1, 8), (0x1f40, 0x1f45, 1, 8), (0x1f51, 0x1f51, 1, 8), (0x1f53, 0x1f53, 1, 8), (0x1f55, 0x1f55, 1, 8),
    (0x1f57, 0x1f57, 1, 8),
    (0x1f60, 0x1f67, 1, 8), (0x1f70, 0x1f71, 1, 74), (0x1f72, 0x1f75, 1, 86), (0x1f76, 0x1f77, 1, 100),
    (0x1f78, 0x1f79, 1, 128), (0x1f7a, 0x1f7b, 1, 112), (0x1f7c, 0x1f7d, 1, 126), (0x1f80, 0x1f87, 1, 8),
    (0x1f90, 0x1f97, 1, 8), (0x1fa0, 0x1fa7, 1, 8), (0x1fb0, 0x1fb1, 1, 8), (0x1fb3, 0x1fb3, 1, 9),
    (0x1fd0, 0x1fd1, 1, 8), (0x1fe0, 0x1fe1, 1, 8), (0x1fe5, 0x1fe5, 1, 7), (0x214e, 0x214e, 1, -28),
    (0x2170, 0x217f, 1, -16), (0x2184, 0x2184, 1, -1), (0x24d0, 0x24e9, 1, -26), (0x2c30, 0x2c5e, 1, -48),
    (0x2c61, 0x2c61, 1, -1), (0x2c65, 0x2c65, 1, -10795), (0x2c66, 0x2c66, 1, -10792), (0x2c68, 0x2c6c, 2, -1),
    (0x2c76, 0x2c76, 1, -1), (0x2c81, 0x2ce3, 2, -1), (0x2d00, 0x2d25, 1, -7264), (0xff41, 0xff5a, 1, -32),
];

/// The same table in two thirds of the space: the first letter, the distance to the last one, and the index of the difference.
/// In a run of several letters whose difference is 1, capitals alternate with lower-case letters, so the step is 2.
static PACKED: [(u16, u8, u8); RUNS.len()] = pack().0;
static DIFFERENCES: [i16; 51] = pack().1;

#[expect(clippy::indexing_slicing, reason = "it runs while compiling, where a panic is what is wanted")]
const fn pack() -> ([(u16, u8, u8); RUNS.len()], [i16; 51]) {
    let (mut packed, mut differences, mut known) = ([(0, 0, 0); RUNS.len()], [0; 51], 0);
    let mut i = 0;
    while i < RUNS.len() {
        let (first, last, step, difference) = RUNS[i];
        assert!(last - first < 0x100 && (first == last || step == step_of(difference)));
        let mut place = 0;
        while place < known && differences[place] != difference {
            place += 1;
        }
        if place == known {
            differences[place] = difference;
            known += 1;
        }
        packed[i] = (first, (last - first) as u8, place as u8);
        i += 1;
    }
    assert!(known == differences.len());
    (packed, differences)
}

const fn step_of(difference: i16) -> u16 {
    if difference == -1 { 2 } else { 1 }
}

/// Returns the upper case of a code unit. Surrogates, and therefore all letters above U+FFFF, are unchanged.
#[inline]
pub fn upcase(unit: u16) -> u16 {
    if unit < 0x80 {
        return if (0x61..=0x7a).contains(&unit) { unit - 0x20 } else { unit };
    }
    // The last run that begins at or before the code unit: the runs are sorted and do not overlap.
    let Some((first, length, place)) = PACKED.iter().rfind(|(first, _, _)| *first <= unit) else { return unit };
    let (distance, difference) = (unit - first, DIFFERENCES.get(usize::from(*place)).copied().unwrap_or_default());
    let within = distance <= u16::from(*length) && distance.is_multiple_of(step_of(difference));
    if within { unit.wrapping_add_signed(difference) } else { unit }
}
