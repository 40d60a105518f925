import { AppError } from '#libs/kernel';

/** A template names a field, step or format that cannot be enforced. */
export class TemplateInvalid extends AppError {
  readonly code = 'template.invalid';
  readonly title = 'The template cannot be used';
  readonly kind = 'invalid';
}

/** There is no process of that name that a customer can have a template of. */
export class TemplateProcessUnknown extends AppError {
  readonly code = 'template.process_unknown';
  readonly title = 'There is no template of such a process';
  readonly kind = 'not_found';
}

export class TemplateVersionNotFound extends AppError {
  readonly code = 'template.version_not_found';
  readonly title = 'The template has no such version';
  readonly kind = 'not_found';
}

/** A request leaves out what the customer's template demands, or gives what it hides. */
export class AgainstTemplate extends AppError {
  readonly code = 'request.against_template';
  readonly title = 'The customer’s template asks for something else';
  readonly kind = 'invalid';
}
