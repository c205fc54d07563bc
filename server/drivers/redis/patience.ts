/** Nobody answered in time: whether it was done is not known. */
export class NoAnswer extends Error { override readonly name = 'NoAnswer' }

/** The same promise, but rejected with NoAnswer after `ms`. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`no answer in ${ms / 1000} s`)), ms)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

export interface Deferred<T> { promise: Promise<T>, resolve: (value: T) => void }

/** A promise that somebody else resolves. */
export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => { resolve = done })
  return { promise, resolve }
}
