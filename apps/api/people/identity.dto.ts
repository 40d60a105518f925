import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsLine, IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'IdentityToLink', description: 'Who somebody is at the identity provider, and why.' })
export class IdentityDto {
  @ApiProperty({
    maxLength: 255,
    description: 'The value of the claim that the provider’s `claims.subject` names: `sub`, with Entra ID `oid`.',
  })
  @IsLine(255)
  readonly subject!: string;

  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}
