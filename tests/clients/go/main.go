// Prints who it is, once for each line of stdin, by the AWS SDK for Go v2.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	settings, problem := config.LoadDefaultConfig(context.Background())
	if problem != nil {
		fmt.Println("error:", strings.ReplaceAll(problem.Error(), "\n", " "))
		return
	}
	client := sts.NewFromConfig(settings)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		who, problem := client.GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
		if problem != nil {
			fmt.Println("error:", strings.ReplaceAll(problem.Error(), "\n", " "))
			continue
		}
		fmt.Println(*who.Arn)
	}
}
