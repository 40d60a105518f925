import { ValidateBy, type ValidationOptions } from 'class-validator';

// neither PostgreSQL nor a directory takes control characters or halves of surrogate pairs
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const UNPRINTABLE_IN_TEXT = /[^\P{Cc}\n\t]|\p{Cs}/u;

/** One line of text: 1 to `longest` characters, no control characters, no white space around it. */
export function IsLine(longest: number, options?: ValidationOptions): PropertyDecorator {
  const isValid = (value: unknown): boolean =>
    typeof value === 'string' &&
    value !== '' &&
    value.length <= longest &&
    value.trim() === value &&
    !UNPRINTABLE.test(value);
  return Rule(
    'isLine',
    isValid,
    `must be one line of 1 to ${longest} characters without white space around it`,
    options,
  );
}

/** Text that may have several lines: 1 to `longest` characters. */
export function IsText(longest: number, options?: ValidationOptions): PropertyDecorator {
  const isValid = (value: unknown): boolean =>
    typeof value === 'string' && value.trim() !== '' && value.length <= longest && !UNPRINTABLE_IN_TEXT.test(value);
  return Rule('isText', isValid, `must be text of 1 to ${longest} characters`, options);
}

/** A rule of one's own: `name` leads to its code, `text` follows the field's name in the message. */
export function Rule(
  name: string,
  isValid: (value: unknown) => boolean,
  text: string,
  options?: ValidationOptions,
): PropertyDecorator {
  return ValidateBy(
    { name, validator: { validate: isValid, defaultMessage: (args) => `${args?.property ?? 'it'} ${text}` } },
    options,
  );
}
