import createMemoryBus from '../../server/drivers/bus/memory'
import { describeBus } from './bus'

describeBus('memory', onError => createMemoryBus({ onError }))
