// Prints who it is, once for each line of stdin, by the AWS SDK for JavaScript v3.
import { createInterface } from "node:readline";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const client = new STSClient({});
for await (const _ of createInterface({ input: process.stdin })) {
  try {
    console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
  } catch (problem) {
    console.log(`error: ${problem.message}`.replaceAll("\n", " "));
  }
}
