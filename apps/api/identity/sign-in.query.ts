import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { isReturnPath, type ProviderHint } from '#libs/identity';
import { IsLine, Rule } from '../http/text.decorators.js';

const RETURN_TO = '/docs';

/** Who wants to sign in, and where to go then. Of a mail address only the domain counts, so that nobody learns who is known. */
export class SignInQuery {
  @IsOptional()
  @IsUUID()
  readonly provider?: string;

  @IsOptional()
  @IsLine(40)
  readonly tenant?: string;

  @IsOptional()
  @Rule(
    'isEmail',
    (value) => typeof value === 'string' && /^[^\s@]{1,64}@[^\s@]{1,190}$/.test(value),
    'must be a mail address',
  )
  readonly mail?: string;

  @Rule('isReturnPath', (value) => typeof value === 'string' && isReturnPath(value), 'must be a path of this host')
  readonly returnTo: string = RETURN_TO;

  @IsOptional()
  @IsIn(['true', 'false'])
  readonly again?: string;

  /** The closest of what is given: the provider, else the tenant, else the mail's domain. */
  hint(): ProviderHint {
    const mailDomain = this.mail?.split('@')[1]?.toLowerCase();
    if (this.provider !== undefined) return { id: this.provider };
    return this.tenant === undefined ? { mailDomain } : { tenant: this.tenant };
  }

  /** As a query again, of what was understood alone. */
  text(): string {
    const { provider, tenant, mail, returnTo, again } = this;
    const given = new URLSearchParams();
    for (const [name, value] of Object.entries({ provider, tenant, mail, returnTo, again }))
      if (value !== undefined) given.set(name, value);
    return `?${given.toString()}`;
  }
}
