/** 64-bit FNV-1a of the UTF-8 bytes of a text, as two words (Fowler, Noll & Vo; draft-eastlake-fnv). */
export function hashText(text: string): readonly [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of utf8(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}

function utf8(text: string): readonly number[] {
  return Array.from(text).flatMap((character) => {
    const point = character.codePointAt(0) ?? 0;
    const continued = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
    if (point < 0x80) return [point];
    if (point < 0x800) return [0xc0 | (point >> 6), continued(0)];
    if (point < 0x10000) return [0xe0 | (point >> 12), continued(6), continued(0)];
    return [0xf0 | (point >> 18), continued(12), continued(6), continued(0)];
  });
}
