import { AppError, type AppErrorOptions } from '#libs/kernel';

/** Our own account cannot bind although its password may be right. A person must mend it; until then the run waits. */
abstract class OurAccountRefused extends AppError {
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

export class BindAccountUnknown extends OurAccountRefused {
  readonly code = 'directory.bind_account_unknown';
  readonly title = 'The directory does not know our account';
}

export class BindAccountRestricted extends OurAccountRefused {
  readonly code = 'directory.bind_account_restricted';
  readonly title = 'A rule of the domain keeps our account from signing in';
}

export class BindOutsideHours extends OurAccountRefused {
  readonly code = 'directory.bind_outside_hours';
  readonly title = 'Our account may not sign in at this hour';
}

export class BindWorkstationRefused extends OurAccountRefused {
  readonly code = 'directory.bind_workstation_refused';
  readonly title = 'Our account may not sign in from this machine';
}

export class BindPasswordExpired extends OurAccountRefused {
  readonly code = 'directory.bind_password_expired';
  readonly title = 'The password of our account has expired';
}

export class BindAccountDisabled extends OurAccountRefused {
  readonly code = 'directory.bind_account_disabled';
  readonly title = 'Our account is disabled';
}

export class BindKindNotGranted extends OurAccountRefused {
  readonly code = 'directory.bind_kind_not_granted';
  readonly title = 'Our account lacks the right to sign in this way';
}

export class BindAccountExpired extends OurAccountRefused {
  readonly code = 'directory.bind_account_expired';
  readonly title = 'Our account has expired';
}

export class BindPasswordMustChange extends OurAccountRefused {
  readonly code = 'directory.bind_password_must_change';
  readonly title = 'Our account must change its password first';
}

export class BindAccountLocked extends OurAccountRefused {
  readonly code = 'directory.bind_account_locked';
  readonly title = 'Our account is locked after wrong passwords';
}

/** The directory refused a write for a reason that it names; nothing was written. */
abstract class WriteRefused extends AppError {
  readonly kind = 'conflict';
}

export class LoginTaken extends WriteRefused {
  readonly code = 'directory.login_taken';
  readonly title = 'Another account has this login name';
}

export class PrincipalNameTaken extends WriteRefused {
  readonly code = 'directory.principal_name_taken';
  readonly title = 'Another account has this principal name';
}

export class LastAdministrator extends WriteRefused {
  readonly code = 'directory.last_administrator';
  readonly title = 'The domain would lose its last administrator';
}

export class BuiltInAccount extends WriteRefused {
  readonly code = 'directory.built_in_account';
  readonly title = 'A built-in account or group does not allow this';
}

export class PrimaryGroupNeeded extends WriteRefused {
  readonly code = 'directory.primary_group_needed';
  readonly title = 'The group is the user’s primary group';
}

export class GroupNestingRefused extends WriteRefused {
  readonly code = 'directory.group_nesting_refused';
  readonly title = 'A group of this kind cannot have this member';
}

export class MemberUnknown extends WriteRefused {
  readonly code = 'directory.member_unknown';
  readonly title = 'The directory does not know a member';
}

export class ReferenceMissing extends WriteRefused {
  readonly code = 'directory.reference_missing';
  readonly title = 'A value names an entry that does not exist';
}

export class ValueRefused extends WriteRefused {
  readonly code = 'directory.value_refused';
  readonly title = 'The directory does not take a value';
}

/** Two values for an attribute that takes one, or a value that is there already. */
export class ValuesRefused extends WriteRefused {
  readonly code = 'directory.values_refused';
  readonly title = 'The directory does not take several values, or has one of them already';
}

export class AttributeUnknown extends WriteRefused {
  readonly code = 'directory.attribute_unknown';
  readonly title = 'The directory does not know an attribute, or not for this kind of entry';
}

export class AttributeKeptByServer extends WriteRefused {
  readonly code = 'directory.attribute_kept_by_server';
  readonly title = 'Only the directory itself sets this attribute';
}

export class EntryHasChildren extends WriteRefused {
  readonly code = 'directory.entry_has_children';
  readonly title = 'Other entries lie below this one';
}

export class LimitExceeded extends WriteRefused {
  readonly code = 'directory.limit_exceeded';
  readonly title = 'A limit of the directory was reached';
}

export class OtherDomain extends WriteRefused {
  readonly code = 'directory.other_domain';
  readonly title = 'The entry belongs to another domain';
}

export class EncryptionRequired extends WriteRefused {
  readonly code = 'directory.encryption_required';
  readonly title = 'The directory wants an encrypted connection';
}

export class Unwilling extends WriteRefused {
  readonly code = 'directory.unwilling';
  readonly title = 'The directory is not willing to do this';
}

/** The controller has no numbers for new accounts at the moment. It asks for more by itself. */
export class NoIdentifiersLeft extends AppError {
  readonly code = 'directory.no_identifiers_left';
  readonly title = 'The domain controller has no identifiers for new accounts';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

export type RefusalClass = new (message: string, options?: AppErrorOptions) => AppError;
