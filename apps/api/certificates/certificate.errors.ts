import { AppError } from '#libs/kernel';

/** This installation has no key to sign with. */
export class SigningKeyMissing extends AppError {
  readonly code = 'certificate.signing_key_missing';
  readonly title = 'Certificates are not signed here';
  readonly kind = 'unavailable';
}
