import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Entry { version?: string, resolved?: string, optionalDependencies?: Record<string, string> }
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Entry> }

/** Where Node would look for a package that `from` asks for. */
function* placesFor(from: string, name: string) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    yield `${at}${at && '/'}node_modules/${name}`
    if (at === '') return
  }
}

describe('the lock file', () => {
  it('names no registry, so that any mirror will do', () => {
    expect(Object.values(packages).filter(entry => entry.resolved)).toEqual([])
  })

  // npm forgets those that it could not fetch when the file was written; `npm ci` then fails for everybody.
  it('knows every optional package, also those of other platforms', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(name => ![...placesFor(path, name)].some(place => place in packages)).map(name => `${path}: ${name}`))
    expect(missing).toEqual([])
  })
})
