import { AppError } from '#libs/kernel';

/** Nothing can be said about single lines. */
export class CsvUnreadable extends AppError {
  readonly code = 'import.unreadable';
  readonly title = 'The file cannot be read';
  readonly kind = 'invalid';
}

/** Lines are wrong and nothing was taken; `errors` has them as `<line>.<column>`. */
export class CsvLinesWrong extends AppError {
  readonly code = 'import.lines_wrong';
  readonly title = 'Lines of the file are wrong; nothing was taken';
  readonly kind = 'invalid';
}
