import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsText } from '../http/text.decorators.js';

@ApiSchema({ name: 'AlarmAcknowledgement', description: 'What was found out.' })
export class AcknowledgementDto {
  @ApiProperty({ maxLength: 2000 })
  @IsText(2000)
  readonly reason!: string;
}
