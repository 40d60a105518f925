import { randomInt } from 'node:crypto';

const LENGTH = 28;
// Without what is misread (0 O, 1 l I) or what a shell, a form or a CSV file would treat specially.
const CLASSES = ['abcdefghijkmnpqrstuvwxyz', 'ABCDEFGHJKLMNPQRSTUVWXYZ', '23456789', '-_.+!#%='] as const;

/** A random password of 28 characters with each of four classes in it: about 160 bits. */
export function newPassword(): string {
  const everything = CLASSES.join('');
  const characters = [...CLASSES, ...Array.from({ length: LENGTH - CLASSES.length }, () => everything)].map(pick);
  for (let at = characters.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [characters[at], characters[other]] = [characters[other]!, characters[at]!];
  }
  return characters.join('');
}

const pick = (characters: string): string => characters[randomInt(characters.length)]!;
