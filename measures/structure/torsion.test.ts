import { describe, expect, test } from 'vitest'
import { haveShared, sharedColumns, uniform } from './test/ambient.ts'
import { correlation, floorRotation, polarity, torsionRatio } from './torsion.ts'

const BUILDING = 'building-575market-1989/sf_575market_lomaprieta_1989_100hz.csv'

/** A rigid floor that moves by u and turns by φ, seen by sensors 10 m left and right of its middle. */
function floor() {
  const [u, phi] = [0.7, 1.3].map((f) =>
    Float64Array.from({ length: 500 }, (_, k) => Math.sin((2 * Math.PI * f * k) / 100)),
  )
  const a = u!.map((v, k) => 0.02 * v + 10 * 1e-4 * phi![k]!)
  const b = u!.map((v, k) => 0.02 * v - 10 * 1e-4 * phi![k]!)
  return { u: u!, phi: phi!, a, b }
}

describe('a rigid floor', () => {
  test('gives its rotation and its translation back from two sensors 20 m apart', () => {
    const { u, phi, a, b } = floor()
    const { rotation_rad, centre } = floorRotation(a, b, 20)
    for (let k = 0; k < 500; k++) {
      expect(rotation_rad[k]).toBeCloseTo(1e-4 * phi[k]!, 15)
      expect(centre[k]).toBeCloseTo(0.02 * u[k]!, 15)
    }
  })
  test('does so with a sensor mounted the other way round as well, once that is said', () => {
    const { a, b } = floor()
    expect(
      floorRotation(
        a,
        b.map((v) => -v),
        20,
        true,
      ),
    ).toEqual(floorRotation(a, b, 20))
  })
  test('changes the sign of its rotation when the sensors are swapped, not that of its translation', () => {
    const { a, b } = floor()
    const [one, other] = [floorRotation(a, b, 20), floorRotation(b, a, 20)]
    expect(other.rotation_rad).toEqual(one.rotation_rad.map((v) => 0 - v))
    expect(other.centre).toEqual(one.centre)
  })
  test('has a torsion ratio of 1 in pure translation, more when an edge runs ahead, none when it only turns', () => {
    const { u } = floor()
    expect(torsionRatio(u, u)).toBe(1)
    expect(
      torsionRatio(
        u.map((v) => 1.3 * v),
        u.map((v) => 0.7 * v),
      ),
    ).toBeCloseTo(1.3, 12)
    expect(
      torsionRatio(
        u,
        u.map((v) => -v),
      ),
    ).toBeUndefined()
  })
})

describe('polarity', () => {
  test.skipIf(!haveShared(BUILDING))(
    'of the 45° and 225° sensors is opposite: correlation −0.942 on floor 42, −0.966 on 25 (building-575market-1989 README)',
    () => {
      const columns = sharedColumns(BUILDING)
      for (const [floorName, r] of [
        ['f42', -0.942],
        ['f25', -0.966],
      ] as const) {
        const [a, b] = [columns.get(`${floorName}_45`)!, columns.get(`${floorName}_225`)!]
        expect(correlation(a, b)).toBeCloseTo(r, 3)
        expect(polarity(a, b)).toBe('opposite')
      }
    },
  )
  test('does not depend on unit or offset, and cannot be told of noise or a dead sensor', () => {
    const { a } = floor()
    const [noise1, noise2] = [1, 2].map((seed) => Float64Array.from({ length: 500 }, uniform(seed)))
    expect(
      correlation(
        a,
        a.map((v) => 981 * v + 9.8),
      ),
    ).toBeCloseTo(1, 10)
    expect(polarity(a, a)).toBe('same')
    expect(polarity(noise1!, noise2!)).toBeUndefined()
    expect(correlation(a, new Float64Array(500).fill(9.81))).toBeUndefined()
    expect(() => correlation(a, a.slice(1))).toThrow('axes[1]')
  })
})
