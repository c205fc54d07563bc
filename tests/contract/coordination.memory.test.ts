import createMemoryCoordination from '../../server/drivers/coordination/memory'
import { describeCoordination } from './coordination'

describeCoordination('memory', () => createMemoryCoordination())
