import { AppError } from '#libs/kernel';

/** The session has ended, or there never was one. */
export class SessionInvalid extends AppError {
  readonly code = 'auth.session_invalid';
  readonly title = 'The session has ended';
  readonly kind = 'unauthenticated';
}

/** A change that came with the session's cookie, but perhaps not from our pages. */
export class CrossSiteRefused extends AppError {
  readonly code = 'auth.cross_site';
  readonly title = 'This call may come from another site';
  readonly kind = 'forbidden';
}
