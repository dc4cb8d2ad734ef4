// Prints who it is, once for each line of stdin, by the AWS SDK for Java 2.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import software.amazon.awssdk.services.sts.StsClient;

public class Who {
  public static void main(String[] words) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    try (StsClient client = StsClient.create()) {
      while (lines.readLine() != null) {
        try {
          System.out.println(client.getCallerIdentity().arn());
        } catch (RuntimeException problem) {
          System.out.println(("error: " + problem.getMessage()).replace("\n", " "));
        }
      }
    }
  }
}
