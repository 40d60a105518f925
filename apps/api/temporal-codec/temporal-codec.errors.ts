import { AppError } from '#libs/kernel';

export class NamespaceUnknown extends AppError {
  readonly code = 'payload.namespace_unknown';
  readonly title = 'Payloads of this namespace are not decoded here';
  readonly kind = 'not_found';
}
