/** What runs are called that lie behind the present ones: by a name that was given to them, or as what was before. */
import { say } from '../../src/protocol/words';

/** What the host calls the weights as they were before their last change. */
export const before = 'before';

export const earlierName = (name: string): string => (name === before ? say('before') : name);
