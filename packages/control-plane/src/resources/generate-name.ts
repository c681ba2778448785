import { randomInt } from 'node:crypto';

/** No vowels, and nothing that looks like another character: a generated name spells nothing. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const NAME_LENGTH = 63;

/** A name that starts with `metadata.generateName` (cut where the name would grow too long) and ends in five random characters. */
export function generateName(base: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length)));
  return base.slice(0, NAME_LENGTH - SUFFIX_LENGTH) + suffix.join('');
}
