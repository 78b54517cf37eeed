import { describe, expect, test } from 'vitest'
import { portableFaults } from './portable-influxql.ts'

describe('what InfluxDB 1.6 to 3.x all answer', () => {
  test.each([
    `SELECT max("value") FROM "reading" WHERE "channel" = 'a; DROP DATABASE x' AND $timeFilter GROUP BY time($__interval) fill(null)`,
    `SELECT last("x") FROM "raw"."wave" WHERE "device" =~ /^(into|slimit)$/`,
    `SELECT "t" FROM (SELECT first("v") AS "t" FROM "m") WHERE "t" > 0 GROUP BY "tag"`,
    'SHOW TAG VALUES FROM "health" WITH KEY = "site"',
    'SHOW FIELD KEYS FROM "health"',
    'SELECT non_negative_derivative(max("polls"), 1s) FROM "health" GROUP BY time(15s), "id" fill(none)',
  ])('is %s', (query) => {
    expect(portableFaults(query)).toEqual([])
  })

  // Feature tables: storage of 2.x has neither INTO nor continuous queries; 3.x leaves out the others.
  test.each([
    ['SELECT mean("v") INTO "x" FROM "m" GROUP BY time(1m)', 'INTO'],
    ['SELECT "v" FROM "m" GROUP BY "t" SLIMIT 2', 'SLIMIT'],
    ['SELECT sample("v", 3) FROM "m"', 'sample()'],
    ['SELECT count_hll("v") FROM "m"', 'count_hll()'],
    ['SELECT top("v", 3) FROM "m"', 'top()'],
    ['SELECT integral("v") FROM "m"', 'integral()'],
    ['SELECT holt_winters(mean("v"), 3, 1) FROM "m" GROUP BY time(1m)', 'holt_winters()'],
    ['SHOW SERIES', 'SHOW SERIES'],
    ['SHOW TAG VALUES WITH KEY = "x"', 'without FROM'],
    ['SHOW SERIES CARDINALITY', 'CARDINALITY'],
    ['CREATE DATABASE x', 'changes'],
    ['SELECT 1; SELECT 2', 'one statement'],
    ['SELECT "v" FROM "db"."rp"."m"', 'a database in FROM'],
    ['SELECT "v" FROM "weekly"."m"', 'policy "weekly"'],
    ['from(bucket: "x")', 'expected SELECT'],
    ['SELECT (mean("v") FROM "m"', 'brackets'],
  ])('is not %s', (query, why) => {
    expect(portableFaults(query).join('; ')).toContain(why)
  })
})
