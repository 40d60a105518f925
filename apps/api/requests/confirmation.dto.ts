import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsPlanHash } from './decision.dto.js';
import { IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'Confirmation', description: 'A second person’s confirmation of the plan with this hash.' })
export class ConfirmationDto {
  @ApiProperty({ pattern: '^[0-9a-f]{64}$', description: 'The `planHash` of the plan that was read.' })
  @IsPlanHash()
  readonly planHash!: string;

  @ApiPropertyOptional({ maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  readonly reason?: string;
}
