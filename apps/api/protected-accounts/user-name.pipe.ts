import type { PipeTransform } from '@nestjs/common';
import { RequestInvalid } from '../http/http.errors.js';

const LONGEST = 200;
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Parses a login name in an address. Throws `RequestInvalid`. */
export class UserNamePipe implements PipeTransform<string, string> {
  transform(text: string): string {
    if (text !== '' && text.length <= LONGEST && text.trim() === text && !UNPRINTABLE.test(text)) return text;
    const message = `user must be one line of 1 to ${LONGEST} characters without white space around it.`;
    throw new RequestInvalid(message, { errors: [{ path: 'user', code: 'not_text', message }] });
  }
}
