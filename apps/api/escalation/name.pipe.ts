import type { PipeTransform } from '@nestjs/common';
import { RequestInvalid } from '../http/http.errors.js';

export const CHAIN_NAME = '^[a-z0-9][a-z0-9-]{0,62}$';
const NAME = new RegExp(CHAIN_NAME);

/** Parses the name of a chain or channel in an address. Throws `RequestInvalid`. */
export class ChainNamePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (NAME.test(text)) return text;
    const message = 'name must be 1 to 63 small letters, digits and hyphens, with a letter or digit first.';
    throw new RequestInvalid(message, { errors: [{ path: 'name', code: 'not_a_name', message }] });
  }
}
