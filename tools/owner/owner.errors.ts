import { AppError } from '#libs/kernel';

export class UsageWrong extends AppError {
  readonly code = 'owner.usage';
  readonly title = 'The command was not understood';
  readonly kind = 'malformed';
}

/** Somebody can let people in already: another owner needs a reason that stays on record. */
export class OwnerExists extends AppError {
  readonly code = 'owner.exists';
  readonly title = 'There is an owner already';
  readonly kind = 'conflict';
}

export class EmergencyExists extends AppError {
  readonly code = 'owner.emergency_exists';
  readonly title = 'There is an emergency account already';
  readonly kind = 'conflict';
}

export class AccountUnknown extends AppError {
  readonly code = 'owner.no_account';
  readonly title = 'There is no such emergency account';
  readonly kind = 'not_found';
}

export class IssuerUnknown extends AppError {
  readonly code = 'owner.no_provider';
  readonly title = 'The MSP has no such identity provider';
  readonly kind = 'not_found';
}

export class NameTaken extends AppError {
  readonly code = 'owner.name_taken';
  readonly title = 'Somebody has this name';
  readonly kind = 'conflict';
}

/** Exit codes, by what a script can do about it. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return 1;
  if (error.kind === 'malformed') return 2;
  if (error.kind === 'conflict') return 3;
  return error.kind === 'not_found' ? 4 : 1;
}
