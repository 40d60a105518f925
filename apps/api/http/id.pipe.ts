import type { PipeTransform } from '@nestjs/common';
import { isId } from '#libs/kernel';
import { InvalidId } from './http.errors.js';

/** Parses an id in an address. Throws `InvalidId`. */
export class IdPipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (!isId(text)) throw invalidId();
    return text.toLowerCase();
  }
}

export function invalidId(cause?: unknown): InvalidId {
  return new InvalidId('Ids are UUIDs, as the API gives them.', { cause });
}
