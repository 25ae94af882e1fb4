"""A slow reader of baseline JPEGs that says what each block is and how many bits it takes, by T.81, F.2.2."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReadBlock:
    component: int  # 0, 1, 2
    coefficients: list  # 64 in zigzag order, the first as a difference
    num_bits: int


def huffman_tables(data):
    """Returns ``{class << 4 | number: {(length, code): symbol}}`` of a file."""
    tables = {}
    for marker, body in segments(data):
        while marker == 0xC4 and body:
            counts, key, body = body[1:17], body[0], body[17:]
            code, table = 0, {}
            for length, count in enumerate(counts, start=1):
                for _ in range(count):
                    table[length, code], body = body[0], body[1:]
                    code += 1
                code <<= 1
            tables[key] = table
    return tables


def segments(data):
    at = 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], data[at + 4 : end]
        at = end
    yield 0xDA, data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") : -2]


def read_blocks(data):
    """Returns the blocks of a file at 4:2:0, or grey, in its order."""
    found = dict(segments(data))
    height, width, num_components = (
        int.from_bytes(found[0xC0][1:3], "big"),
        int.from_bytes(found[0xC0][3:5], "big"),
        found[0xC0][5],
    )
    side, order = (8, [0]) if num_components == 1 else (16, [0, 0, 0, 0, 1, 2])
    scan = found[0xDA].replace(b"\xff\x00", b"\xff")
    bits = _Bits("".join(f"{byte:08b}" for byte in scan))
    tables = huffman_tables(data)
    count = -(-height // side) * -(-width // side)
    blocks = [_read_block(bits, tables, component) for _ in range(count) for component in order]
    assert bits.text[bits.at :] in ["1" * count for count in range(8)]
    return blocks


class _Bits:
    def __init__(self, text):
        self.text, self.at = text, 0

    def take(self, count):
        self.at += count
        return int(self.text[self.at - count : self.at] or "0", 2)

    def symbol(self, table):
        length, code = 0, 0
        while (length, code) not in table:
            length, code = length + 1, code << 1 | self.take(1)
        return table[length, code]

    def value(self, size):
        raw = self.take(size)
        return raw if not size or raw >> (size - 1) else raw - (1 << size) + 1


def _read_block(bits, tables, component):
    began, kind = bits.at, min(component, 1)
    coefficients = [0] * 64
    coefficients[0] = bits.value(bits.symbol(tables[kind]))
    at = 1
    while at < 64:
        symbol = bits.symbol(tables[0x10 | kind])
        if symbol == 0:
            break
        at += symbol >> 4
        if symbol & 15:
            coefficients[at] = bits.value(symbol & 15)
        at += 1
    return ReadBlock(component=component, coefficients=coefficients, num_bits=bits.at - began)
