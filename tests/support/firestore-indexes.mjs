// What Google's Firestore checks and no emulator does: whether there is an index for a query.

export const structuredQueryOf = request => request.structuredQuery ?? request.structuredAggregationQuery?.structuredQuery

const flat = filter => !filter ? [] : filter.compositeFilter ? filter.compositeFilter.filters.flatMap(flat) : [filter]
const pathOf = filter => (filter.fieldFilter ?? filter.unaryFilter).field.fieldPath
const hasOr = filter => !!filter?.compositeFilter && (filter.compositeFilter.op === 'OR' || filter.compositeFilter.filters.some(hasOr))

/** Firestore leaves out documents that lack a field of `orderBy`; the engine keeps them. Says so as a filter, which it understands. */
export function orderedByPresence(query) {
  if (!query.orderBy?.length) return query
  const filtered = new Set(hasOr(query.where) ? [] : flat(query.where).map(pathOf))
  const present = query.orderBy.map(order => order.field.fieldPath).filter(path => path !== '__name__' && !filtered.has(path)).map(fieldPath => ({
    compositeFilter: { op: 'OR', filters: ['IS_NULL', 'IS_NOT_NULL'].map(op => ({ unaryFilter: { op, field: { fieldPath } } })) }
  }))
  return present.length === 0 ? query : { ...query, where: { compositeFilter: { op: 'AND', filters: [...query.where ? [query.where] : [], ...present] } } }
}

/** Firestore takes thirty values in an `in`, the engine ten: the same as an `or`. */
export function inAsOr(query) {
  const turned = (filter) => {
    if (filter?.compositeFilter) return { compositeFilter: { ...filter.compositeFilter, filters: filter.compositeFilter.filters.map(turned) } }
    const values = filter?.fieldFilter?.op === 'IN' ? filter.fieldFilter.value.arrayValue.values : []
    if (values.length <= 10) return filter
    if (values.length > 30) throw Object.assign(new Error('IN supports at most 30 values'), { code: 3 })
    return { compositeFilter: { op: 'OR', filters: values.map(value => ({ fieldFilter: { ...filter.fieldFilter, op: 'EQUAL', value } })) } }
  }
  return query.where ? { ...query, where: turned(query.where) } : query
}

const equals = new Set(['EQUAL', 'IN', 'IS_NULL', 'IS_NAN'])
const flip = order => order === 'ASCENDING' ? 'DESCENDING' : 'ASCENDING'

/** The index that this query needs and `firestore.indexes.json` does not have; undefined: it has all. Single fields are indexed by themselves, within a collection only, unless exempted. */
export function missingIndex(query, { indexes = [], fieldOverrides = [] }) {
  const { collectionId: collectionGroup, allDescendants } = query.from[0]
  const queryScope = allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION'
  const [equal, arrays, ranges] = [new Set(), new Set(), new Set()]
  for (const filter of flat(query.where)) {
    const { op } = filter.fieldFilter ?? filter.unaryFilter
    const path = pathOf(filter)
    if (path === '__name__') continue
    ;(equals.has(op) ? equal : op.startsWith('ARRAY_') ? arrays : ranges).add(path)
  }
  const order = (query.orderBy ?? []).map(one => ({ fieldPath: one.field.fieldPath, order: one.direction === 'DESCENDING' ? 'DESCENDING' : 'ASCENDING' }))
  const named = order.find(one => one.fieldPath === '__name__')
  const sort = order.filter(one => one.fieldPath !== '__name__' && !equal.has(one.fieldPath))
  for (const fieldPath of [...ranges].sort()) {
    if (!sort.some(one => one.fieldPath === fieldPath)) sort.push({ fieldPath, order: sort.at(-1)?.order ?? 'ASCENDING' })
  }
  const prefix = [...equal, ...arrays]
  const override = path => fieldOverrides.find(one => one.collectionGroup === collectionGroup && one.fieldPath === path)
  const single = path => override(path) ? override(path).indexes.some(index => index.queryScope === queryScope) : queryScope === 'COLLECTION'
  const alongName = !named || (sort.length === 0 ? named.order === 'ASCENDING' : named.order === sort.at(-1).order)
  if (sort.length === 0 && alongName) {
    const without = prefix.filter(path => !single(path))
    return without.length === 0 ? undefined : { collectionGroup, queryScope, singleField: without }
  }
  if (sort.length === 1 && prefix.length === 0 && alongName) {
    return single(sort[0].fieldPath) ? undefined : { collectionGroup, queryScope, singleField: [sort[0].fieldPath] }
  }
  const serves = ({ collectionGroup: group, queryScope: scope, fields }) => {
    if (group !== collectionGroup || scope !== queryScope) return false
    const wanted = fields.filter(field => field.fieldPath !== '__name__')
    const before = wanted.length - sort.length
    if (before !== prefix.length || !wanted.slice(0, before).every(field => prefix.includes(field.fieldPath))) return false
    const name = fields.find(field => field.fieldPath === '__name__')?.order ?? wanted.at(-1)?.order ?? 'ASCENDING'
    const sorted = [...wanted.slice(before), ...named ? [{ fieldPath: '__name__', order: name }] : []]
    const asked = [...sort, ...named ? [named] : []]
    return [one => one, flip].some(turn => asked.every((one, index) => sorted[index].fieldPath === one.fieldPath && sorted[index].order === turn(one.order)))
  }
  if (indexes.some(serves)) return undefined
  return {
    collectionGroup, queryScope,
    fields: [...prefix.map(fieldPath => arrays.has(fieldPath) ? { fieldPath, arrayConfig: 'CONTAINS' } : { fieldPath, order: 'ASCENDING' }), ...sort, ...named ? [named] : []]
  }
}
