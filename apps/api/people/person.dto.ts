import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsText } from '../http/text.decorators.js';
import { GrantedRoleDto } from './granted-role.dto.js';

@ApiSchema({ name: 'NewGrant', description: 'A role, and for which tenants it holds.' })
export class NewGrantDto extends GrantedRoleDto {
  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}

@ApiSchema({ name: 'PersonAct', description: 'Why.' })
export class PersonActDto {
  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}
