import type { PipeTransform } from '@nestjs/common';
import { isId } from '#libs/kernel';
import { InvalidId } from './http.errors.js';

/** Parses an id in an address. Throws `InvalidId`. */
export class IdPipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (!isId(text)) throw new InvalidId('Ids are UUIDs, as the API gives them.');
    return text.toLowerCase();
  }
}
