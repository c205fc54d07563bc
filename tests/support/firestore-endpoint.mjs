// A Firestore endpoint (gRPC) on loopback for tests, backed by the in-memory engine of @firebase-bridge/firestore-admin. Whatever honours
// FIRESTORE_EMULATOR_HOST can use it, from any process. Beside it an HTTP port for the test: what was read and written as Google would bill it, and faults.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { FirestoreMock } from '@firebase-bridge/firestore-admin'
import { inAsOr, missingIndex, orderedByPresence, structuredQueryOf } from './firestore-indexes.mjs'

// The gRPC and the protocol's definition that the library itself uses.
const fromAdmin = createRequire(createRequire(import.meta.url).resolve('firebase-admin/firestore'))
const fromFirestore = createRequire(fromAdmin.resolve('@google-cloud/firestore'))
const { grpc, protobuf } = fromFirestore('google-gax')
const protocol = fromAdmin('@google-cloud/firestore/build/protos/v1.json')

const HOST = '127.0.0.1'
const service = protobuf.Root.fromJSON(protocol).lookupService('google.firestore.v1.Firestore').resolveAll()
const toObject = { longs: String, enums: String, bytes: Buffer, arrays: true, objects: true, defaults: false }
const lower = name => name[0].toLowerCase() + name.slice(1)
const indexes = process.env.INDEXES ? JSON.parse(readFileSync(process.env.INDEXES, 'utf8')) : null

const engine = new FirestoreMock()
// The engine tells conflicts by the millisecond: two commits in the same one would not see each other. Its time therefore never stands still.
let last = 0
engine.systemTime.custom(() => new Date(last = Math.max(Date.now(), last + 1)))

const projects = new Map()
function projectOf(resource) {
  const [, project, database] = /^projects\/([^/]+)\/databases\/([^/]+)/.exec(resource ?? '') ?? []
  if (!project) throw Object.assign(new Error(`bad resource name ${resource}`), { code: grpc.status.INVALID_ARGUMENT })
  if (!projects.has(project)) {
    const client = engine.createDatabase(project, database).firestore()._clientPool.clientFactory(true)
    projects.set(project, { client, counts: { reads: 0, writes: 0, deletes: 0, commits: 0, queries: {} }, faults: [], unindexed: [] })
  }
  return projects.get(project)
}
const resourceOf = request => request.database || request.parent || request.name || request.document?.name
const toStatus = error => ({
  code: Number.isInteger(error?.code) ? error.code : grpc.status.INTERNAL, details: String(error?.message ?? error).replace(/^\d+ [A-Z_]+: /, '')
})

/** The fault that this call shall have, if any: { method, code?, when: 'before' | 'after' | 'never', times, skip? }. */
function faultFor(project, method) {
  const fault = project.faults.find(one => one.method === method && one.times > 0)
  if (!fault) return null
  if (fault.skip > 0) { fault.skip--; return null }
  fault.times--
  return fault
}
/** Ends a stream with an error. The headers first: without them the library takes it for a broken line, and asks again for seven seconds before it says so. */
function fail(call, status) {
  if (!call.headed) call.sendMetadata(new grpc.Metadata())
  call.headed = true
  call.emit('error', status)
}
const failureOf = fault => ({ code: fault.code ?? grpc.status.UNAVAILABLE, details: fault.details ?? 'a fault made by the test' })

const unary = (method, work) => (call, answer) => {
  const project = projectOf(resourceOf(call.request))
  const fault = faultFor(project, method)
  if (fault?.when === 'before') return answer(failureOf(fault))
  if (fault?.when === 'never') return
  Promise.resolve().then(() => work(project, call.request)).then(
    response => fault ? answer(failureOf(fault)) : answer(null, response), error => answer(toStatus(error)))
}

function countWrites({ counts }, { writes = [] }) {
  counts.commits++
  for (const write of writes) counts[write.delete ? 'deletes' : 'writes']++
}

const handlers = {
  BeginTransaction: unary('BeginTransaction', async ({ client }, request) => (await client.beginTransaction(request))[0]),
  Rollback: unary('Rollback', async ({ client }, request) => (await client.rollback(request))[0]),
  BatchWrite: unary('BatchWrite', async (project, request) => {
    const [response] = await project.client.batchWrite(request)
    countWrites(project, request)
    return response
  }),
  Commit: unary('Commit', async (project, request) => {
    const [response] = await project.client.commit(request)
    countWrites(project, request)
    return response
  }),
  ListCollectionIds: unary('ListCollectionIds', async ({ client }, request) => ({ collectionIds: (await client.listCollectionIds(request))[0] })),
  ListDocuments: unary('ListDocuments', async ({ client }, { parent, collectionId, showMissing }) => ({
    documents: (await client.listDocuments({ parent, collectionId, showMissing }))[0]
  }))
}

for (const method of ['BatchGetDocuments', 'RunQuery', 'RunAggregationQuery']) {
  handlers[method] = (call) => {
    let { request } = call
    const project = projectOf(resourceOf(request))
    const fault = faultFor(project, method)
    if (fault?.when === 'never') return
    if (fault) { fail(call, failureOf(fault)); return }
    const query = structuredQueryOf(request)
    if (query) {
      const missing = indexes && missingIndex(query, indexes)
      if (missing) {
        project.unindexed.push(missing)
        fail(call, { code: grpc.status.FAILED_PRECONDITION, details: `The query requires an index: ${JSON.stringify(missing)}` })
        return
      }
      const collection = query.from[0].collectionId
      project.counts.queries[collection] = (project.counts.queries[collection] ?? 0) + 1
      const ordered = inAsOr(orderedByPresence(query))
      request = request.structuredQuery ? { ...request, structuredQuery: ordered } : { ...request, structuredAggregationQuery: { ...request.structuredAggregationQuery, structuredQuery: ordered } }
    }
    let read = 0
    let stream
    try { stream = project.client[lower(method)](request) } catch (error) { fail(call, toStatus(error)); return }
    stream.on('data', (data) => {
      if (data.found || data.missing || data.document) read++
      const counted = data.result?.aggregateFields && Object.values(data.result.aggregateFields)[0]?.integerValue
      if (counted !== undefined) read += Math.ceil(Number(counted) / 1000)
      call.headed = true
      call.write(data)
    })
    stream.on('end', () => {
      // A query that finds nothing costs one read.
      project.counts.reads += query ? Math.max(1, read) : read
      call.end()
    })
    stream.on('error', error => fail(call, toStatus(error)))
    call.on('cancelled', () => stream.destroy())
  }
}

const definition = {}
for (const { name, resolvedRequestType: Request, resolvedResponseType: Response, requestStream, responseStream } of service.methodsArray) {
  definition[name] = {
    path: `/google.firestore.v1.Firestore/${name}`, requestStream: !!requestStream, responseStream: !!responseStream,
    requestSerialize: object => Request.encode(Request.fromObject(object)).finish(), requestDeserialize: bytes => Request.toObject(Request.decode(bytes), toObject),
    responseSerialize: object => Response.encode(Response.fromObject(object)).finish(), responseDeserialize: bytes => Response.toObject(Response.decode(bytes), toObject)
  }
  handlers[name] ??= (call, answer) => {
    const error = { code: grpc.status.UNIMPLEMENTED, details: `${name} is not implemented` }
    if (answer) answer(error)
    else fail(call, error)
  }
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': 16 << 20, 'grpc.max_send_message_length': -1 })
server.addService(definition, handlers)
const port = await new Promise((resolve, reject) =>
  server.bindAsync(`${HOST}:0`, grpc.ServerCredentials.createInsecure(), (error, bound) => error ? reject(error) : resolve(bound)))

async function body(request) {
  let text = ''
  for await (const chunk of request) text += chunk
  return text === '' ? {} : JSON.parse(text)
}

/** GET /projects/P: counts and queries without an index. POST /projects/P/faults: sets the faults. DELETE /projects/P: forgets the counts. */
const control = createServer(async (request, response) => {
  const [, name, what] = /^\/projects\/([^/]+)(?:\/(faults))?$/.exec(request.url ?? '') ?? []
  if (!name) return response.writeHead(404).end()
  const project = projectOf(`projects/${name}/databases/(default)`)
  if (request.method === 'POST' && what) project.faults = await body(request)
  else if (request.method === 'DELETE') Object.assign(project.counts, { reads: 0, writes: 0, deletes: 0, commits: 0, queries: {} })
  response.end(JSON.stringify({ counts: project.counts, unindexed: project.unindexed, faults: project.faults }))
})
await new Promise((resolve, reject) => control.once('error', reject).listen(0, HOST, resolve))

process.send?.({ host: `${HOST}:${port}`, control: `http://${HOST}:${control.address().port}` })
process.on('disconnect', () => process.exit(0))
