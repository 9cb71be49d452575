// Scalar double arithmetic with square roots and divisions: the sun and its four large planets for some million steps.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PI 3.141592653589793
#define SOLAR_MASS (4 * PI * PI)
#define DAYS_A_YEAR 365.24
enum { BODIES = 5, AXES = 3 };

struct Body {
  double position[AXES], velocity[AXES], mass;
};
static struct Body bodies[BODIES] = {
    {{0, 0, 0}, {0, 0, 0}, SOLAR_MASS},
    {{4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01},
     {1.66007664274403694e-03 * DAYS_A_YEAR, 7.69901118419740425e-03 * DAYS_A_YEAR, -6.90460016972063023e-05 * DAYS_A_YEAR},
     9.54791938424326609e-04 * SOLAR_MASS},
    {{8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01},
     {-2.76742510726411021e-03 * DAYS_A_YEAR, 4.99852801234917238e-03 * DAYS_A_YEAR, 2.30417297573763929e-05 * DAYS_A_YEAR},
     2.85885980666130812e-04 * SOLAR_MASS},
    {{1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01},
     {2.96460137564761618e-03 * DAYS_A_YEAR, 2.37847173959480950e-03 * DAYS_A_YEAR, -2.96589568540237556e-05 * DAYS_A_YEAR},
     4.36624404335156298e-05 * SOLAR_MASS},
    {{1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01},
     {2.68067772490389322e-03 * DAYS_A_YEAR, 1.62824170038242295e-03 * DAYS_A_YEAR, -9.51592254519715870e-05 * DAYS_A_YEAR},
     5.15138902046611451e-05 * SOLAR_MASS}};

static double square_of_distance(const struct Body *a, const struct Body *b, double between[AXES]) {
  double square = 0;
  for (int axis = 0; axis < AXES; axis++) {
    between[axis] = a->position[axis] - b->position[axis];
    square += between[axis] * between[axis];
  }
  return square;
}

static double energy(void) {
  double total = 0, between[AXES];
  for (int i = 0; i < BODIES; i++) {
    const double *v = bodies[i].velocity;
    total += .5 * bodies[i].mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    for (int j = i + 1; j < BODIES; j++) total -= bodies[i].mass * bodies[j].mass / sqrt(square_of_distance(&bodies[i], &bodies[j], between));
  }
  return total;
}

static void advance(double duration) {
  double between[AXES];
  for (int i = 0; i < BODIES; i++)
    for (int j = i + 1; j < BODIES; j++) {
      double square = square_of_distance(&bodies[i], &bodies[j], between);
      double magnitude = duration / (square * sqrt(square));
      for (int axis = 0; axis < AXES; axis++) {
        bodies[i].velocity[axis] -= between[axis] * bodies[j].mass * magnitude;
        bodies[j].velocity[axis] += between[axis] * bodies[i].mass * magnitude;
      }
    }
  for (int i = 0; i < BODIES; i++)
    for (int axis = 0; axis < AXES; axis++) bodies[i].position[axis] += duration * bodies[i].velocity[axis];
}

static void rest_the_centre(void) {
  double momentum[AXES] = {0};
  for (int i = 0; i < BODIES; i++)
    for (int axis = 0; axis < AXES; axis++) momentum[axis] += bodies[i].velocity[axis] * bodies[i].mass;
  for (int axis = 0; axis < AXES; axis++) bodies[0].velocity[axis] = -momentum[axis] / SOLAR_MASS;
}

int main(int argc, char **argv) {
  int steps = argc > 1 ? atoi(argv[1]) : 1500000;
  rest_the_centre();
  double before = energy();
  for (int step = 0; step < steps; step++) advance(.01);
  printf("nbody %.9f %.9f %.17g\n", before, energy(), bodies[3].position[1]);
}
