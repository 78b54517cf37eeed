/**
 * A shear building in time, one ground sample after the other: M u'' + C u' + V(u) = −M 1 a_g by Newmark's method of average
 * acceleration (β 1/4, γ 1/2: stable at any step; Chopra, sec. 5.4 and 16.3). What a building is, is `building.ts`; whole
 * records are `whole-record.ts`.
 *
 * Accurate to a few percent for modes whose period is at least 10 steps. Faster modes are slowed to below half the step rate
 * and ring there instead of following the ground; `wholeRecord` takes several steps per sample where that matters.
 * C = a0 M + a1 K stays that of the sound building whatever happens to its storeys.
 */
import { invariant } from '../../domain/errors.ts'
import { type Building, buildingModes, checkBuilding, type Rayleigh, rayleigh } from './building.ts'
import { type Mode, modesOf } from './modes.ts'
import { finite, positive, whole } from './refuse.ts'
import { StoreySprings } from './storey-spring.ts'
import { rowTimes, solveTridiagonal, storeysToMatrix, type Tridiagonal, tridiagonal } from './tridiagonal.ts'

/** The building at one sample. The arrays are the building's own and change with the next step. Index 0 is the lowest. */
export type BuildingState = {
  /** Of each floor relative to the ground. */
  readonly displacement_m: Float64Array
  readonly velocity_m_s: Float64Array
  /** Of each floor, absolute: what an accelerometer bolted to it feels. */
  readonly acceleration_m_s2: Float64Array
  /** Of each storey: its floor relative to the one below. */
  readonly drift_m: Float64Array
  /** Lean of each storey's columns: drift over height, which is also the drift ratio. Below 3 % the angle is it to 0.03 %. */
  readonly tilt_rad: Float64Array
  /** Shear of each storey's columns, without the damping force. */
  readonly shear_N: Float64Array
}

/** Newton needs two or three turns; where it swings between branches the elastic matrix, which always descends, takes over. */
const NEWTON_TURNS = 12
const TURNS_MAX = 1000

export class ShearBuilding {
  readonly rayleigh: Rayleigh
  readonly state: BuildingState
  readonly #mass: Float64Array
  readonly #height: Float64Array
  readonly #dt: number
  readonly #springs: StoreySprings
  readonly #damping: Tridiagonal
  /** Of the floors relative to the ground. */
  readonly #acceleration: Float64Array
  readonly #effective: Tridiagonal
  readonly #residual: Float64Array
  readonly #next: Float64Array
  readonly #work: Float64Array
  #ground: number | undefined

  /** @throws PlumblineError USAGE for a building that cannot be */
  constructor(building: Building, sample_rate_hz: number) {
    checkBuilding(building)
    const n = building.storeys.length
    this.#dt = 1 / positive('sample_rate_hz', sample_rate_hz)
    this.#mass = Float64Array.from(building.storeys, (s) => s.mass_kg)
    this.#height = Float64Array.from(building.storeys, (s) => s.height_m)
    this.#springs = new StoreySprings(building.storeys)
    this.rayleigh = rayleigh(buildingModes(building), building.damping)
    this.#damping = storeysToMatrix(
      this.#springs.stiffness_N_m.map((k) => k * this.rayleigh.a1_s),
      tridiagonal(n),
    )
    for (let i = 0; i < n; i++) this.#damping.diagonal[i]! += this.rayleigh.a0_per_s * this.#mass[i]!
    this.#effective = tridiagonal(n)
    const zeros = () => new Float64Array(n)
    ;[this.#acceleration, this.#residual, this.#next, this.#work] = [zeros(), zeros(), zeros(), zeros()]
    this.state = {
      displacement_m: zeros(),
      velocity_m_s: zeros(),
      acceleration_m_s2: zeros(),
      drift_m: zeros(),
      tilt_rad: zeros(),
      shear_N: this.#springs.shear_N,
    }
  }

  get storeys(): number {
    return this.#mass.length
  }

  /** Elastic modes as the storeys are now. */
  modes(): Mode[] {
    return modesOf(this.#mass, this.#springs.stiffness_N_m)
  }

  /** Drift [m] that each storey would keep if all came to rest: 0 until it yields. */
  residualDrift_m(): Float64Array {
    return this.#mass.map((_, i) => this.#springs.residual_m(i))
  }

  /**
   * From now on a storey has this elastic stiffness [N/m]; its strength and its plastic drift stay. A storey that is bent at
   * that moment loses force at once, as when a brace snaps.
   * @param storey 0 is the lowest
   * @throws PlumblineError USAGE
   */
  setStiffness(storey: number, stiffness_N_m: number): void {
    whole('storey', storey, 0, this.storeys - 1)
    this.#springs.setStiffness(storey, positive('stiffness_N_m', stiffness_N_m))
    if (this.#ground === undefined) return
    this.#springs.look(this.state.drift_m)
    this.#springs.commit(this.state.drift_m)
    this.#accelerate(this.#ground)
  }

  /** Elastic stiffness of a storey now [N/m]. */
  stiffness_N_m(storey: number): number {
    return this.#springs.stiffness_N_m[whole('storey', storey, 0, this.storeys - 1)]!
  }

  /**
   * The next ground sample. The first finds the building at rest; each later one is a step of 1 / sample rate after the last.
   * @param ground_m_s2 acceleration of the ground
   */
  step(ground_m_s2: number): BuildingState {
    if (!Number.isFinite(ground_m_s2)) finite('ground_m_s2', [ground_m_s2])
    if (this.#ground === undefined) this.#accelerate(ground_m_s2)
    else this.#advance(ground_m_s2)
    this.#ground = ground_m_s2
    return this.state
  }

  /** Accelerations that balance displacement and velocity as they are: M u'' = −M 1 a_g − C u' − V. */
  #accelerate(ground_m_s2: number): void {
    const { velocity_m_s, acceleration_m_s2, shear_N } = this.state
    for (let i = 0; i < this.storeys; i++) {
      const force = (shear_N[i + 1] ?? 0) - shear_N[i]! - rowTimes(this.#damping, velocity_m_s, i)
      this.#acceleration[i] = force / this.#mass[i]! - ground_m_s2
      acceleration_m_s2[i] = this.#acceleration[i]! + ground_m_s2
    }
  }

  #advance(ground_m_s2: number): void {
    this.#next.set(this.state.displacement_m)
    let settled = false
    for (let turn = 0; turn < TURNS_MAX && !settled; turn++) {
      this.#imbalance(ground_m_s2)
      this.#assemble(turn < NEWTON_TURNS ? this.#springs.tangent_N_m : this.#springs.stiffness_N_m)
      solveTridiagonal(this.#effective, this.#residual, this.#work)
      const [moved, size] = this.#move()
      // Every storey still on the branch it was solved for: the equations are linear there and hold to rounding.
      const changed = this.#springs.canYield && this.#springs.look(this.#drifts())
      settled = (turn < NEWTON_TURNS && !changed) || moved <= 1e-13 * size
    }
    invariant(settled, `the forces of a step balance within ${TURNS_MAX} turns`)
    if (!this.#springs.canYield) this.#springs.look(this.#drifts())
    this.#springs.commit(this.state.drift_m)
    this.#finish(ground_m_s2)
  }

  /** What is missing to balance at the displacements of this turn: R = −M 1 a_g − M u'' − C u' − V. */
  #imbalance(ground_m_s2: number): void {
    const { displacement_m: u, velocity_m_s: v, shear_N } = this.state
    const dt = this.#dt
    for (let i = 0; i < u.length; i++) this.#work[i] = (2 / dt) * (this.#next[i]! - u[i]!) - v[i]!
    for (let i = 0; i < u.length; i++) {
      const acceleration = (2 / dt) * (this.#work[i]! - v[i]!) - this.#acceleration[i]!
      const force = (shear_N[i + 1] ?? 0) - shear_N[i]! - rowTimes(this.#damping, this.#work, i)
      this.#residual[i] = force - this.#mass[i]! * (acceleration + ground_m_s2)
    }
  }

  /** K + 2/dt C + 4/dt² M (Chopra, table 5.4.2). */
  #assemble(stiffness_N_m: Float64Array): void {
    const { diagonal, off } = storeysToMatrix(stiffness_N_m, this.#effective)
    const dt = this.#dt
    for (let i = 0; i < diagonal.length; i++) {
      diagonal[i]! += (2 / dt) * this.#damping.diagonal[i]! + (4 / (dt * dt)) * this.#mass[i]!
      off[i]! += (2 / dt) * this.#damping.off[i]!
    }
  }

  /** Adds the solution to the displacements of this turn; the largest move and the largest displacement. */
  #move(): [number, number] {
    let moved = 0
    let size = 0
    for (let i = 0; i < this.#next.length; i++) {
      this.#next[i]! += this.#residual[i]!
      moved = Math.max(moved, Math.abs(this.#residual[i]!))
      size = Math.max(size, Math.abs(this.#next[i]!))
    }
    return [moved, size]
  }

  #drifts(): Float64Array {
    const { drift_m } = this.state
    for (let i = 0; i < drift_m.length; i++) drift_m[i] = this.#next[i]! - (i > 0 ? this.#next[i - 1]! : 0)
    return drift_m
  }

  #finish(ground_m_s2: number): void {
    const { displacement_m: u, velocity_m_s: v, acceleration_m_s2, drift_m, tilt_rad } = this.state
    const dt = this.#dt
    for (let i = 0; i < u.length; i++) {
      const velocity = (2 / dt) * (this.#next[i]! - u[i]!) - v[i]!
      this.#acceleration[i] = (2 / dt) * (velocity - v[i]!) - this.#acceleration[i]!
      acceleration_m_s2[i] = this.#acceleration[i]! + ground_m_s2
      u[i] = this.#next[i]!
      v[i] = velocity
      tilt_rad[i] = drift_m[i]! / this.#height[i]!
    }
  }
}
