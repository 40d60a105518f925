import { AppError } from '#libs/kernel';

/** No such user in the directory. */
export class UserNotFound extends AppError {
  readonly code = 'directory.user_not_found';
  readonly title = 'A user is not in the directory';
  readonly kind = 'not_found';
}

/** A user name or a mail address that a new person would get belongs to somebody. */
export class UserExists extends AppError {
  readonly code = 'directory.user_exists';
  readonly title = 'A user name or a mail address is taken';
  readonly kind = 'conflict';
}

/** The system's configuration does not say where the directory keeps this. */
export class AttributeNotConfigured extends AppError {
  readonly code = 'directory.attribute_not_configured';
  readonly title = 'The directory’s configuration names no attribute for this';
  readonly kind = 'unsupported';
}

/** Nothing says which groups open a user's data to a colleague. */
export class DataAccessNotConfigured extends AppError {
  readonly code = 'directory.data_access_not_configured';
  readonly title = 'No groups are known that open a user’s data';
  readonly kind = 'unsupported';
}

/** The directory opens no account that has no password. */
export class PasswordNeededFirst extends AppError {
  readonly code = 'directory.password_needed_first';
  readonly title = 'An account without a password cannot be opened';
  readonly kind = 'unsupported';
}

/** A login name stands for more than one entry, so nobody can say which one is meant. */
export class UserAmbiguous extends AppError {
  readonly code = 'directory.user_ambiguous';
  readonly title = 'A login name stands for several entries';
  readonly kind = 'conflict';
}

export class GroupNotFound extends AppError {
  readonly code = 'directory.group_not_found';
  readonly title = 'A group is not in the directory';
  readonly kind = 'not_found';
}

/** A group's name stands for more than one entry; its DN says which one is meant. */
export class GroupAmbiguous extends AppError {
  readonly code = 'directory.group_ambiguous';
  readonly title = 'A group name stands for several entries';
  readonly kind = 'conflict';
}

/** A group that a mover should get lies outside the groups that are decided about. */
export class GroupNotManaged extends AppError {
  readonly code = 'directory.group_not_managed';
  readonly title = 'A group is not among the managed ones';
  readonly kind = 'invalid';
}

/** The server gives the group's members in ranges (Active Directory, above 1,500), which are not read on yet. */
export class GroupTooLarge extends AppError {
  readonly code = 'directory.group_too_large';
  readonly title = 'A group has more members than can be read at once';
  readonly kind = 'unsupported';
}

/** Active Directory is given by `ldaps://`: anything else would send a password in the clear, or is refused there. */
export class LdapsRequired extends AppError {
  readonly code = 'directory.ldaps_required';
  readonly title = 'An Active Directory is reached by LDAPS only';
  readonly kind = 'invalid';
}

/** The unit that an entry should move to does not exist. */
export class UnitNotFound extends AppError {
  readonly code = 'directory.unit_not_found';
  readonly title = 'An organisational unit is not in the directory';
  readonly kind = 'not_found';
}

/** Another entry has the name that this one would get. */
export class NameTaken extends AppError {
  readonly code = 'directory.name_taken';
  readonly title = 'Another entry has this name already';
  readonly kind = 'conflict';
}

/** A group would lose its last member, and nothing may stand in for it. */
export class StandInMissing extends AppError {
  readonly code = 'directory.stand_in_missing';
  readonly title = 'A group would become empty and no stand-in is configured';
  readonly kind = 'conflict';
}

/** Since the planning the user became the last member of a group: that was not approved. */
export class LastMember extends AppError {
  readonly code = 'directory.last_member';
  readonly title = 'A group would lose its last member';
  readonly kind = 'conflict';
}

export class PasswordRefused extends AppError {
  readonly code = 'directory.password_refused';
  readonly title = 'The directory’s policy refused a new password';
  readonly kind = 'conflict';
}

/** Our account may not do this. */
export class DirectoryAccessDenied extends AppError {
  readonly code = 'directory.access_denied';
  readonly title = 'The directory does not allow our account to do this';
  readonly kind = 'forbidden';
}

export class AttributeNotAllowed extends AppError {
  readonly code = 'directory.attribute_not_allowed';
  readonly title = 'This attribute must not be set by this block';
  readonly kind = 'invalid';
}

/** The attribute holds bytes, which neither an approver nor a before-image can show. */
export class AttributeNotText extends AppError {
  readonly code = 'directory.attribute_not_text';
  readonly title = 'An attribute holds no text';
  readonly kind = 'invalid';
}

/** The directory would take the lock and let the user sign in all the same. */
export class LockWithoutEffect extends AppError {
  readonly code = 'directory.lock_without_effect';
  readonly title = 'A lock would have no effect in this directory';
  readonly kind = 'conflict';
}

/** Whatever else the directory refuses; `context.ldapCode` tells its answer. */
export class DirectoryOperationRefused extends AppError {
  readonly code = 'directory.operation_refused';
  readonly title = 'The directory refused an operation';
  readonly kind = 'conflict';
}
