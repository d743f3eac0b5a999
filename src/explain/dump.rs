//! Hexadecimal dumps: `xxd`, `hexdump -C`, `tcpdump -X`, `tshark -x`, Wireshark's "Follow stream".

use alloc::vec::Vec;

/// The bytes that dumps in a text hold; of packets, what TCP carries. `None` if there is no dump.
pub fn read(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut packet) = (Vec::new(), Vec::new());
    for line in text.split(|c| *c == b'\n') {
        let Some((offset, columns)) = offset(line) else { continue };
        if offset == 0 {
            take_payload(&mut bytes, &mut packet);
        } else if offset != packet.len() {
            // Looks like a line of a dump, but does not go on where the last one ended.
            continue;
        }
        extend(&mut packet, columns);
    }
    take_payload(&mut bytes, &mut packet);
    (!bytes.is_empty()).then_some(bytes)
}

/// The offset that begins a line of a dump, and what follows it.
fn offset(line: &[u8]) -> Option<(usize, &[u8])> {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"0x").unwrap_or(line);
    let (digits, rest) = digits(line);
    if !(4..=8).contains(&digits.len()) || !matches!(rest, [b':' | b' ' | b'\t', ..]) {
        return None;
    }
    let offset = digits.iter().fold(0, |offset, c| offset << 4 | usize::from(digit(*c).unwrap_or_default()));
    Some((offset, rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start()))
}

/// Adds the bytes of a line, up to the column that shows them as text.
fn extend(bytes: &mut Vec<u8>, columns: &[u8]) {
    // Single bytes may have a gap in their middle; where two or more stand together, a gap is the end.
    let single = columns.get(2).is_none_or(|c| digit(*c).is_none());
    let widest = if single { 2 } else { 1 };
    let mut rest = columns;
    for _ in 0..16 {
        let (group, behind) = digits(rest);
        if !matches!(group.len(), 2 | 4 | 8) || !matches!(behind.first(), None | Some(b' ' | b'|')) {
            break;
        }
        bytes.extend(pairs(group));
        let gap = behind.iter().take_while(|c| **c == b' ').count();
        if !(1..=widest).contains(&gap) {
            break;
        }
        rest = behind.get(gap..).unwrap_or_default();
    }
}

/// The hexadecimal digits that a text begins with, and what follows.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|c| digit(**c).is_some()).count())
}

/// Adds what a packet carries, if TCP carries it: a token may lie in two packets, with headers between. Otherwise all of it.
fn take_payload(bytes: &mut Vec<u8>, packet: &mut Vec<u8>) {
    // IP as it is, and behind the headers of Ethernet, of Linux's "any" device in both versions, and of a loopback device.
    const BEFORE_IP: [usize; 5] = [0, 14, 16, 20, 4];
    bytes.extend_from_slice(BEFORE_IP.iter().find_map(|at| tcp(packet.get(*at..)?)).unwrap_or(packet));
    packet.clear();
}

fn tcp(packet: &[u8]) -> Option<&[u8]> {
    const TCP: u8 = 6;
    let number = |at: usize| Some(usize::from(u16::from_be_bytes(packet.get(at..at + 2)?.try_into().ok()?)));
    let first = *packet.first()?;
    let (header, length, protocol) = match first >> 4 {
        4 => (usize::from(first & 15) * 4, number(2)?, packet.get(9)?),
        6 => (40, 40 + number(4)?, packet.get(6)?),
        _ => return None,
    };
    let segment = packet.get(header..length).filter(|_| *protocol == TCP)?;
    segment.get(usize::from(segment.get(12)? >> 4) * 4..)
}

/// The value of a hexadecimal digit.
pub fn digit(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|digit| digit as u8)
}

/// The bytes of pairs of digits.
pub fn pairs(digits: &[u8]) -> Vec<u8> {
    let value = |c: &u8| digit(*c).unwrap_or_default();
    digits.as_chunks().0.iter().map(|[high, low]| value(high) << 4 | value(low)).collect()
}
