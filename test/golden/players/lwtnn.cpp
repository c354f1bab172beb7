// Runs a JSON file of lwtnn over numbers from standard input, those of each input one after the other, and writes what each output makes of them:
//   g++ -O1 -std=c++17 -I<lwtnn>/include -I<eigen> lwtnn.cpp <lwtnn>/src/{Exceptions,LightweightGraph,LightweightNeuralNetwork,NanReplacer,Stack,parse_json}.cxx -o lwtnn
// lwtnn FILE chain | FILE graph | FILE steps N: a chain that sees vectors, a graph, a chain that sees N steps. A sequence of a graph has N steps, too.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "lwtnn/LightweightGraph.hh"
#include "lwtnn/LightweightNeuralNetwork.hh"
#include "lwtnn/parse_json.hh"

double next() {
  double number = 0;
  std::cin >> number;
  return number;
}

lwt::VectorMap sequence(const std::vector<lwt::Input> &variables, int steps) {
  lwt::VectorMap map;
  for (int i = 0; i < steps; i++) for (const auto &each : variables) map[each.name].push_back(next());
  return map;
}

lwt::ValueMap vector(const std::vector<lwt::Input> &variables) {
  lwt::ValueMap map;
  for (const auto &each : variables) map[each.name] = next();
  return map;
}

void print(const lwt::ValueMap &values, const std::vector<std::string> &labels) {
  for (const auto &label : labels) std::printf("%.9g\n", values.at(label));
}

int main(int, char **arguments) {
  std::ifstream file(arguments[1]);
  const std::string kind = arguments[2];
  const int steps = std::stoi(arguments[3]);
  if (kind == "graph") {
    const auto config = lwt::parse_json_graph(file);
    lwt::LightweightGraph graph(config, config.outputs.begin()->first);
    lwt::LightweightGraph::NodeMap nodes;
    lwt::LightweightGraph::SeqNodeMap sequences;
    for (const auto &input : config.inputs) nodes[input.name] = vector(input.variables);
    for (const auto &input : config.input_sequences) sequences[input.name] = sequence(input.variables, steps);
    for (const auto &output : config.outputs) print(graph.compute(nodes, sequences, output.first), output.second.labels);
    return 0;
  }
  const auto config = lwt::parse_json(file);
  if (kind == "steps") print(lwt::LightweightRNN(config.inputs, config.layers, config.outputs).reduce(sequence(config.inputs, steps)), config.outputs);
  else print(lwt::LightweightNeuralNetwork(config.inputs, config.layers, config.outputs).compute(vector(config.inputs)), config.outputs);
}
