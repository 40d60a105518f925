import { AppError } from '#libs/kernel';

/** Ids are never given again, also not after a customer was erased. */
export class TenantIdTaken extends AppError {
  readonly code = 'tenant.id_taken';
  readonly title = 'This id was given before';
  readonly kind = 'conflict';
}

export class TenantIdInvalid extends AppError {
  readonly code = 'tenant.id_invalid';
  readonly title = 'This cannot be the id of a customer';
  readonly kind = 'invalid';
}

/** Two people had the same thing open, and the other one saved first. */
export class ChangedMeanwhile extends AppError {
  readonly code = 'tenancy.changed_meanwhile';
  readonly title = 'Somebody else changed this meanwhile';
  readonly kind = 'conflict';
}

/** The customer is in another state than this act is for. */
export class TenantStateWrong extends AppError {
  readonly code = 'tenant.state_wrong';
  readonly title = 'The customer’s state does not allow this';
  readonly kind = 'conflict';
}

export class SiteNotFound extends AppError {
  readonly code = 'site.not_found';
  readonly title = 'There is no such site';
  readonly kind = 'not_found';
}

export class SiteNameTaken extends AppError {
  readonly code = 'site.name_taken';
  readonly title = 'The customer has a site of this name';
  readonly kind = 'conflict';
}

export class SiteInUse extends AppError {
  readonly code = 'site.in_use';
  readonly title = 'Something belongs to this site';
  readonly kind = 'conflict';
}

export class ContactNotFound extends AppError {
  readonly code = 'contact.not_found';
  readonly title = 'There is no such contact';
  readonly kind = 'not_found';
}

export class TenantGroupNotFound extends AppError {
  readonly code = 'tenant_group.not_found';
  readonly title = 'There is no such group of customers';
  readonly kind = 'not_found';
}

export class TenantGroupNameTaken extends AppError {
  readonly code = 'tenant_group.name_taken';
  readonly title = 'There is a group of this name';
  readonly kind = 'conflict';
}

/** A role is granted for this group: without it that role would hold for nobody. */
export class TenantGroupInUse extends AppError {
  readonly code = 'tenant_group.in_use';
  readonly title = 'A role is granted for this group';
  readonly kind = 'conflict';
}

export class AgreementMissing extends AppError {
  readonly code = 'agreement.missing';
  readonly title = 'No data processing agreement is in force';
  readonly kind = 'conflict';
}

export class AgreementInvalid extends AppError {
  readonly code = 'agreement.invalid';
  readonly title = 'The agreement cannot be recorded like this';
  readonly kind = 'invalid';
}
